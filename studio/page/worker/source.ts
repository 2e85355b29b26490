import type {
  Acknowledgement,
  Command,
  ControlAnswer,
  OnDemandRequest,
  PredictAnswer,
  PredictRequest,
  RunListing,
} from "chainrule/record";

/** What is asked of a source for one run: bytes from an offset on. */
export interface TailRequest {
  readonly run: string;
  readonly from: number;
}

/** Where runs come from: a server, files, or memory. All give the same bytes. */
export interface RunSource {
  /** Whether runs can grow, and be steered. */
  readonly live: boolean;
  list(): Promise<readonly RunListing[]>;
  /** Gives the bytes of the runs, and those to come, until `signal` ends it or the source does. */
  tail(
    requests: readonly TailRequest[],
    onBytes: (run: string, bytes: Uint8Array) => void,
    signal: AbortSignal,
  ): Promise<void>;
  /** A piece of a log; all of it without a length. */
  read(run: string, offset?: number, length?: number): Promise<Uint8Array>;
  blob(run: string, sha256: string): Promise<Uint8Array>;
  /** Gives the training a command. */
  send(run: string, command: Command): Promise<ControlAnswer>;
  predict(run: string, request: PredictRequest): Promise<PredictAnswer>;
  /** Has something computed: the answer is a log of its own. */
  request(run: string, request: OnDemandRequest): Promise<Uint8Array>;
}

/** The part of a source that steers, where nobody trains. */
export function nobodyTrains(reason: string): Pick<RunSource, "send" | "predict" | "request"> {
  const acknowledgement: Acknowledgement = { id: "", accepted: false, reason, step: 0 };
  const refuse = async (): Promise<never> => {
    throw new Error(reason);
  };
  return { send: async () => ({ id: "", acknowledgement }), predict: refuse, request: refuse };
}

/** What can be said of a run whose log was not read yet. */
export const unreadListing = (id: string, bytes: number, modified: number): RunListing => ({
  id,
  state: "done",
  bytes,
  modified,
  step: 0,
  figures: {},
  alerts: 0,
  steerable: false,
});
