import * as chainrule from "./index.ts";

// How names of Keras 3 become ours, where the rule (snake case to camel case) does not tell.

export type Module =
  | "layers"
  | "losses"
  | "metrics"
  | "optimizers"
  | "optimizers.schedules"
  | "callbacks"
  | "initializers"
  | "regularizers"
  | "constraints"
  | "activations"
  | "random"
  | "ops"
  | "ops.image"
  | "utils"
  | "models";

/** Where our names of each module are found. Operations are exports of their own. */
export const homes: { readonly [M in Module]: object } = {
  layers: chainrule.layers,
  losses: chainrule.losses,
  metrics: chainrule.metrics,
  optimizers: chainrule.optimizers,
  "optimizers.schedules": chainrule.schedules,
  callbacks: chainrule.callbacks,
  initializers: chainrule.initializers,
  regularizers: chainrule.regularizers,
  constraints: chainrule.constraints,
  activations: chainrule.activations,
  random: chainrule.random,
  ops: chainrule,
  "ops.image": chainrule,
  utils: chainrule,
  models: chainrule,
};

/** How the names are written in a program. */
export const prefixes: { readonly [M in Module]: string } = {
  layers: "layers.",
  losses: "losses.",
  metrics: "metrics.",
  optimizers: "optimizers.",
  "optimizers.schedules": "schedules.",
  callbacks: "callbacks.",
  initializers: "initializers.",
  regularizers: "regularizers.",
  constraints: "constraints.",
  activations: "activations.",
  random: "random.",
  ops: "",
  "ops.image": "",
  utils: "",
  models: "",
};

/** What the tests of a module run on: the devices that their files choose, and native where native/ runs the same bodies. */
export const devices: { readonly [M in Module]: string } = {
  layers: "reference, wasm, native",
  losses: "reference, wasm, native",
  metrics: "reference, wasm, native",
  optimizers: "reference, wasm, native",
  "optimizers.schedules": "reference, wasm, native",
  callbacks: "reference",
  initializers: "reference",
  regularizers: "reference, wasm, native",
  constraints: "reference, wasm, native",
  activations: "reference, wasm, native",
  random: "reference; its bits on wasm and native too",
  ops: "reference; the primitives that they are made of on wasm and native too",
  "ops.image": "reference; the primitives that they are made of on wasm and native too",
  utils: "reference",
  models: "reference, wasm, native",
};

/** `SeparableConv2D` → `separableConv2d`, `top_k` → `topK`. */
export function camelCase(name: string): string {
  const snake = name
    .replace(/^Convolution/, "Conv")
    .replace(/AvgPool(?=\d)/, "AveragePooling")
    .replace(/MaxPool(?=\d)/, "MaxPooling")
    .replace(/(.)([A-Z][a-z0-9]+)/g, "$1_$2")
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .toLowerCase();
  return snake.replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** Ours, where it is another word; a name without a dot is an export. */
export const renamed: { readonly [M in Module]?: { readonly [keras: string]: string } } = {
  layers: {
    ELU: "layers.elu",
    Input: "layers.input",
    InputLayer: "InputLayer",
    Layer: "Layer",
    LeakyReLU: "layers.leakyRelu",
    PReLU: "layers.prelu",
    ReLU: "layers.relu",
    RNN: "layers.rnn",
    StackedRNNCells: "layers.stackedRnnCells",
  },
  losses: {
    CTC: "losses.ctc",
    KLDivergence: "losses.klDivergence",
    Loss: "Loss",
    CategoricalGeneralizedCrossEntropy: "losses.categoricalGeneralizedCrossEntropy",
  },
  metrics: {
    AUC: "metrics.auc",
    BinaryIoU: "metrics.binaryIoU",
    FBetaScore: "metrics.fBetaScore",
    IoU: "metrics.iou",
    LogCoshError: "metrics.logCosh",
    KLDivergence: "metrics.klDivergence",
    MeanIoU: "metrics.meanIoU",
    Metric: "Metric",
    OneHotIoU: "metrics.oneHotIoU",
    OneHotMeanIoU: "metrics.oneHotMeanIoU",
    R2Score: "metrics.r2Score",
    SparseTopKCategoricalAccuracy: "metrics.sparseTopKCategoricalAccuracy",
    TopKCategoricalAccuracy: "metrics.topKCategoricalAccuracy",
  },
  callbacks: {
    CSVLogger: "callbacks.csvLogger",
    History: "History",
    LambdaCallback: "callbacks.lambda",
    ReduceLROnPlateau: "callbacks.reduceLROnPlateau",
    SwapEMAWeights: "callbacks.swapEmaWeights",
    TensorBoard: "callbacks.tensorBoard",
    TerminateOnNaN: "callbacks.terminateOnNaN",
  },
  optimizers: {
    AdamW: "optimizers.adamw",
    LossScaleOptimizer: "optimizers.lossScale",
    MultiOptimizer: "optimizers.multi",
    OptimizerMap: "optimizers.multi",
    Optimizer: "Optimizer",
    RMSprop: "optimizers.rmsprop",
  },
  "optimizers.schedules": { LearningRateSchedule: "Schedule" },
  regularizers: {
    L1L2: "regularizers.l1l2",
    l1_l2: "regularizers.l1l2",
    OrthogonalRegularizer: "regularizers.orthogonal",
    orthogonal_regularizer: "regularizers.orthogonal",
  },
  random: { SeedGenerator: "random.key" },
  ops: {
    absolute: "abs",
    conjugate: "conj",
    isreal: "isReal",
    vectorized_map: "mapOver",
    add: "add",
    amax: "max",
    amin: "min",
    arccos: "acos",
    arcsin: "asin",
    arctan: "atan",
    arctan2: "atan2",
    array: "tensor",
    convert_to_tensor: "tensor",
    arccosh: "acosh",
    arcsinh: "asinh",
    arctanh: "atanh",
    bitwise_invert: "bitwiseNot",
    bitwise_not: "bitwiseNot",
    deg2rad: "degToRad",
    rad2deg: "radToDeg",
    fabs: "abs",
    identity: "eye",
    isinf: "isInf",
    isposinf: "isPosInf",
    isneginf: "isNegInf",
    isclose: "isClose",
    allclose: "allClose",
    isin: "isIn",
    logaddexp: "logAddExp",
    logaddexp2: "logAddExp2",
    signbit: "signBit",
    searchsorted: "searchSorted",
    hard_swish: "hardSilu",
    var: "variance",
    argpartition: "argsort",
    empty: "zeros",
    empty_like: "zerosLike",
    fori_loop: "forLoop",
    switch: "switchCase",
    map: "mapOver",
    ctc_loss: "losses.ctc",
    adaptive_average_pool: "layers.adaptiveAveragePooling2d",
    adaptive_max_pool: "layers.adaptiveMaxPooling2d",
    is_tensor: "Tensor",
    shape: "Tensor",
    size: "Tensor",
    ndim: "Tensor",
    dtype: "Tensor",
    convert_to_numpy: "Tensor",
    copy: "asTensor",
    nan_to_num: "nanToNum",
    nanmax: "nanMax",
    nanmean: "nanMean",
    nanmedian: "nanMedian",
    nanmin: "nanMin",
    nanpercentile: "nanPercentile",
    nanprod: "nanProd",
    nanquantile: "nanQuantile",
    nanstd: "nanStd",
    nansum: "nanSum",
    nanargmax: "nanArgmax",
    nanargmin: "nanArgmin",
    nancumprod: "nanCumprod",
    nancumsum: "nanCumsum",
    nanvar: "nanVariance",
    custom_gradient: "customGradient",
    dot_product_attention: "dotProductAttention",
    floor_divide: "floorDivide",
    isfinite: "isFinite",
    isnan: "isNaN",
    left_shift: "shiftLeft",
    logsumexp: "logSumExp",
    multiply: "mul",
    moveaxis: "moveAxis",
    negative: "neg",
    power: "pow",
    right_shift: "shiftRight",
    bitwise_left_shift: "shiftLeft",
    bitwise_right_shift: "shiftRight",
    scatter_update: "scatterSet",
    subtract: "sub",
    swapaxes: "swapAxes",
    swish: "silu",
    true_divide: "div",
    divide: "div",
    divide_no_nan: "divideNoNaN",
    get_item: "slice",
    view: "reshape",
    expand_dims: "expandDims",
  },
  utils: {
    Config: "",
    get_file: "fetchFile",
    PyDataset: "Dataset",
    Sequence: "Dataset",
    load_img: "",
    register_keras_serializable: "registerLayer",
    model_to_dot: "",
  },
  models: { Model: "Model", Sequential: "Sequential" },
};

/** What differs, or when it comes, in a few words. */
export const notes: { readonly [M in Module]?: { readonly [keras: string]: string } } = {
  layers: {
    Attention: "useCausalMask and returnAttentionScores are options of the layer",
    AdditiveAttention: "useCausalMask and returnAttentionScores are options of the layer",
    Bidirectional: 'mergeMode "none" instead of None',
    AveragePooling2D:
      '"same" divides by the elements that there are; Keras on PyTorch repeats the border and counts it, in 1D and 3D too',
    Dot: "normalize has a derivative for vectors of zeros; Keras's is NaN",
    GroupQueryAttention:
      "useCausalMask and returnAttentionScores are options of the layer; queries that are masked see as others do, in Keras everything",
    MultiHeadAttention:
      "useCausalMask and returnAttentionScores are options; rotary positions; queries that are masked see as others do, in Keras everything; its inputs keep their masks, which Keras on PyTorch takes from them",
    Masking: "the mask is explicit: the result is Masked",
    Embedding: "with maskZero the result is Masked",
    GRU: "recurrentDropout acts in the products only (Gal & Ghahramani); goBackwards with returnSequences turns the mask round, too",
    LSTM: "initialState is given with the sequence: lstm({ sequence, initialState }); goBackwards as in GRU",
    RMSNormalization: "keeps masks, which Keras's loses (files of Keras are read as Keras computes)",
    TimeDistributed:
      "the inner layer's activityRegularizer counts, which Keras leaves out; batch normalization inside takes all steps together",
    TextVectorization:
      'standardize and split "none" instead of None, functions of one text; layer.ragged(texts) gives lists; no sparse results',
    StringLookup: "with invert call layer.lookup(numbers); no vocabulary files, no sparse results",
    IntegerLookup: "32-bit integers; with invert call layer.lookup(numbers); no sparse results",
    Hashing: "numbers are 32-bit; no sparse results",
    Normalization: "axis null or [] for None; adapt is asynchronous",
    CategoryEncoding: "counts are weighted by a second input: encode([tokens, weights])",
    Discretization: "adapt is asynchronous; no sparse results",
    Resizing: 'results are floats; also interpolation "area"',
    RandomCrop: "each image has a window of its own; inference takes the middle",
    RandomFlip: "both ways are drawn separately",
    RandomContrast: "one number f draws from 1 − f to 1 + f, as Keras documents",
    RandomSaturation: "saturation ends at 1 for all value ranges",
    MixUp: "labels of boxes are joined as the boxes are",
    InputSpec: "each layer checks its input in words of its own",
    Wrapper: "a layer holds layers in its properties",
  },
  metrics: {
    IoU: "sample weights count as they are; Keras cuts them to whole numbers, here and in the others of the family",
    MeanMetricWrapper: "a function (target, output) => tensor is a metric",
    huber: "the loss, as a metric",
  },
  losses: {
    SparseCategoricalCrossentropy:
      "ignoreClass leaves the sample weights of metrics alone; Keras on PyTorch multiplies them in place",
  },
  regularizers: { OrthogonalRegularizer: "rows of zeros have a derivative; Keras's is NaN" },
  random: { binomial: "the number of trials is a number" },
  callbacks: {
    CallbackList: "fit({ callbacks: […] }) calls them in order",
    Callback: "any object with some of the methods: { onEpochEnd(epoch, logs) {} }",
    ProgbarLogger: "fit draws it",
    BackupAndRestore:
      "keep: how many checkpoints stay, in place of double_checkpoint; exact to the bit in the middle of an epoch, too",
    ReduceLROnPlateau: "minLearningRate",
    TensorBoard:
      "figures, histograms and the graph (read and served by TensorBoard 2.21); no images, embeddings or profiles",
  },
  ops: {
    argpartition: "sorted whole",
    bincount: "the size of the result is given",
    convert_to_numpy: "await x.array(), or x.data()",
    copy: "tensors never change",
    dtype: "x.dtype",
    is_tensor: "x instanceof Tensor",
    fft: "complex numbers are { real, imaginary }; also ifft",
    fft2: "complex numbers are { real, imaginary }",
    ifft2: "complex numbers are { real, imaginary }",
    irfft: "complex numbers are { real, imaginary }",
    rfft: "complex numbers are { real, imaginary }",
    nonzero: "a promise: the values decide the shape",
    unique: "a promise of { values, indices, inverse, counts } of the flat tensor",
    ndim: "x.rank",
    shape: "x.shape",
    size: "x.size",
    vectorize: "functions have no keyword arguments: excluded has positions",
    svd: "fullMatrices is false",
    while_loop: "maximumSteps is demanded",
    adaptive_average_pool: "layers for 1 to 3 axes",
    adaptive_max_pool: "layers for 1 to 3 axes",
  },
  "ops.image": {
    affine_transform: "channels last; what the map is made of are its first six numbers",
    crop_images: "{ top, bottom, height, left, right, width }, two of three",
    pad_images: "{ top, bottom, height, left, right, width }, two of three",
    map_coordinates: "order is an option, 1 unless given",
    extract_patches: "padding and dilation are options",
    resize: "nearest and bilinear; layers.resizing has bicubic, lanczos, antialiasing and crops",
  },
  optimizers: {
    Lion: "as in Keras the sign of a derivative that is 0 but for rounding is chance",
    MultiOptimizer: "parts by texts in names, by whole names or by a function",
  },
  utils: {
    get_file: "resumable, checked, mirrored; fetchArchive unpacks",
    PyDataset: "fit also takes generators and functions that make them",
    Progbar: "fit draws it; a callback of one's own reads the figures",
    register_keras_serializable:
      "also registerLoss, registerMetric, registerOptimizer, registerSchedule, registerFunction",
    CustomObjectScope: "classes are registered for the whole program",
    custom_object_scope: "classes are registered for the whole program",
    serialize_keras_object: "layer.config()",
    deserialize_keras_object: "fromConfig(Class, config)",
    is_keras_tensor: "x instanceof SymbolicTensor",
    standardize_dtype: "dtypes have one name each",
    load_img: "imageDatasetFromDirectory reads JPEG, PNG and WebP",
    img_to_array: "images are arrays",
    model_to_dot: "plotModel gives SVG",
    get_source_inputs: "model.inputs",
    pack_x_y_sample_weight: "batches are { x, y, sampleWeight }",
    unpack_x_y_sample_weight: "batches are { x, y, sampleWeight }",
    split_dataset: "gives a pair of data sets; shuffled with a seed",
    to_categorical: "an NdArray; labels that are no class are refused",
    set_random_seed: "of the program; the same seed gives the same bits on all thread counts",
    disable_interactive_logging: 'fit(…, { verbose: "epoch" })',
    enable_interactive_logging: 'fit(…, { verbose: "steps" })',
    is_interactive_logging_enabled: "verbose is an option of each call",
  },
  models: {
    Model: "model(inputs, outputs), or a subclass",
    Sequential: "sequential([…])",
    model_from_json: "a file holds the architecture: loadModel; model.describe() is it as JSON",
    clone_model: "without clone_function and input_tensors",
  },
};
