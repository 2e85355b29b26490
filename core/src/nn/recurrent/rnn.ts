import type { GivenOf } from "../fields.ts";
import { layerField } from "../layerField.ts";
import { Cell } from "./cell.ts";
import { GRUCell, gruFields } from "./gruCell.ts";
import { LSTMCell, lstmFields } from "./lstmCell.ts";
import { Recurrent, type SequenceOptions, sequenceFields } from "./recurrent.ts";
import { SimpleRNNCell, simpleRnnFields } from "./simpleRnnCell.ts";

const rnnFields = { cell: layerField<Cell>(Cell), ...sequenceFields };

export interface RNNOptions<Sequences extends boolean = boolean, State extends boolean = boolean>
  extends SequenceOptions<Sequences, State> {}

/** Repeats a cell over time: [batch, time, ...features] → the cell's output. */
export class RNN extends Recurrent<typeof rnnFields> {
  static override readonly name: string = "RNN";
  static readonly fields = rnnFields;
  static readonly positional = ["cell"];

  constructor(cell: Cell, options: RNNOptions = {}) {
    super(options, { cell });
  }

  override get cell(): Cell {
    return this.options.cell;
  }
}

/** The options of a layer that are those of its cell. */
const cellOptions = (options: object, fields: object): object =>
  Object.fromEntries(Object.entries(options).filter(([name]) => name !== "units" && Object.hasOwn(fields, name)));

const simpleFields = { ...simpleRnnFields, ...sequenceFields };
export interface SimpleRNNOptions<Sequences extends boolean = boolean, State extends boolean = boolean>
  extends SequenceOptions<Sequences, State>,
    Omit<GivenOf<typeof simpleRnnFields, "units">, keyof SequenceOptions<Sequences, State>> {}

/** A fully connected recurrent layer: see SimpleRNNCell. */
export class SimpleRNN extends Recurrent<typeof simpleFields> {
  static override readonly name: string = "SimpleRNN";
  static readonly fields = simpleFields;
  static readonly positional = ["units"];
  override readonly cell: SimpleRNNCell;

  constructor(units: number, options: SimpleRNNOptions = {}) {
    super(options, { units });
    this.cell = new SimpleRNNCell(units, { ...cellOptions(this.options, simpleRnnFields), name: "simple_rnn_cell" });
  }
}

const longFields = { ...lstmFields, ...sequenceFields };
export interface LSTMOptions<Sequences extends boolean = boolean, State extends boolean = boolean>
  extends SequenceOptions<Sequences, State>,
    Omit<GivenOf<typeof lstmFields, "units">, keyof SequenceOptions<Sequences, State>> {}

/** Long short-term memory: see LSTMCell. */
export class LSTM extends Recurrent<typeof longFields> {
  static override readonly name: string = "LSTM";
  static readonly fields = longFields;
  static readonly positional = ["units"];
  override readonly cell: LSTMCell;

  constructor(units: number, options: LSTMOptions = {}) {
    super(options, { units });
    this.cell = new LSTMCell(units, { ...cellOptions(this.options, lstmFields), name: "lstm_cell" });
  }
}

const gatedFields = { ...gruFields, ...sequenceFields };
export interface GRUOptions<Sequences extends boolean = boolean, State extends boolean = boolean>
  extends SequenceOptions<Sequences, State>,
    Omit<GivenOf<typeof gruFields, "units">, keyof SequenceOptions<Sequences, State>> {}

/** Gated recurrent units: see GRUCell. */
export class GRU extends Recurrent<typeof gatedFields> {
  static override readonly name: string = "GRU";
  static readonly fields = gatedFields;
  static readonly positional = ["units"];
  override readonly cell: GRUCell;

  constructor(units: number, options: GRUOptions = {}) {
    super(options, { units });
    this.cell = new GRUCell(units, { ...cellOptions(this.options, gruFields), name: "gru_cell" });
  }
}
