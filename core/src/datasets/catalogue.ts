import type { Checksum } from "../download/index.ts";

/** A file of a known data set: where it is, and what its bytes sum up to. */
export interface RemoteFile {
  readonly name: string;
  readonly url: string;
  /** Missing where nobody has published one; the contents are checked all the same. */
  readonly checksum?: Checksum;
}

const keras = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/";
const toronto = "https://www.cs.toronto.edu/~kriz/";

const at = (base: string, name: string, checksum?: Checksum): RemoteFile => ({
  name,
  url: `${base}${name}`,
  ...(checksum === undefined ? {} : { checksum }),
});
const sha256 = (sum: string): Checksum => ({ sha256: sum });
const md5 = (sum: string): Checksum => ({ md5: sum });

/**
 * Addresses and checksums are those of Keras 3.15 (keras/src/datasets/*.py), except where a line says otherwise. The sums of
 * Fashion-MNIST, of which Keras has none, are those under which its authors' files are known (Flux.jl and Britefury's
 * batchup check the same); Keras's copies have the same sizes. Keras's examples load the climate of Jena without a checksum.
 * The sum of Shakespeare is that of A. Karpathy's char-rnn (data/tinyshakespeare), of which TensorFlow's is a copy of equal
 * size; CIFAR as plain bytes is what its authors offer beside the pickles that Keras loads.
 */
export const catalogue = {
  mnist: at(keras, "mnist.npz", sha256("731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1")),
  fashionTrainImages: at(
    keras,
    "train-images-idx3-ubyte.gz",
    sha256("3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
  ),
  fashionTrainLabels: at(
    keras,
    "train-labels-idx1-ubyte.gz",
    sha256("a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
  ),
  fashionTestImages: at(
    keras,
    "t10k-images-idx3-ubyte.gz",
    sha256("346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
  ),
  fashionTestLabels: at(
    keras,
    "t10k-labels-idx1-ubyte.gz",
    sha256("67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"),
  ),
  cifar10: at(
    toronto,
    "cifar-10-python.tar.gz",
    sha256("6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce"),
  ),
  cifar10Binary: at(toronto, "cifar-10-binary.tar.gz"),
  cifar100: at(
    toronto,
    "cifar-100-python.tar.gz",
    sha256("85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7"),
  ),
  cifar100Binary: at(toronto, "cifar-100-binary.tar.gz"),
  imdb: at(keras, "imdb.npz", sha256("69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f")),
  imdbWords: at(keras, "imdb_word_index.json", md5("bfafd718b763782e994055a2d397834f")),
  reuters: at(keras, "reuters.npz", sha256("d6586e694ee56d7a4e65172e12b3e987c03096cb01eab99753921ef915959916")),
  reutersWords: at(keras, "reuters_word_index.json", md5("4d44cc38712099c9e383dc6e5f11a921")),
  californiaHousing: at(
    keras,
    "california_housing.npz",
    sha256("1a2e3a52e0398de6463aebe6f4a8da34fb21fbb6b934cf88c3425e766f2a1a6f"),
  ),
  jenaClimate: at(keras, "jena_climate_2009_2016.csv.zip"),
  shakespeare: at(
    "https://storage.googleapis.com/download.tensorflow.org/data/",
    "shakespeare.txt",
    sha256("86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed"),
  ),
} as const satisfies Readonly<Record<string, RemoteFile>>;

/** What to do about a file that is not what the catalogue says. */
export const notPublished = "the file is not the published one: remove it, and it is fetched again";
