import type { AnyLayer, LayerOptions } from "../layer.ts";
import * as classes from "../recurrent/index.ts";
import type * as core from "../rules/core.ts";
import type { RuleOf, Shaped } from "../rules/rule.ts";
import type * as rules from "../rules/sequences.ts";
import { shaped } from "../rules/shaped.ts";

export const rnn = <Sequences extends boolean = false, State extends boolean = false>(
  cell: classes.Cell,
  options?: classes.RNNOptions<Sequences, State>,
): Shaped<classes.RNN, rules.Recurrent<number, Sequences, State, readonly unknown[]>> =>
  shaped(new classes.RNN(cell, options));
export const simpleRnn = <Units extends number, Sequences extends boolean = false, State extends boolean = false>(
  units: Units,
  options?: classes.SimpleRNNOptions<Sequences, State>,
): Shaped<classes.SimpleRNN, rules.Recurrent<Units, Sequences, State, readonly [0]>> =>
  shaped(new classes.SimpleRNN(units, options));
export const lstm = <Units extends number, Sequences extends boolean = false, State extends boolean = false>(
  units: Units,
  options?: classes.LSTMOptions<Sequences, State>,
): Shaped<classes.LSTM, rules.Recurrent<Units, Sequences, State, readonly [0, 0]>> =>
  shaped(new classes.LSTM(units, options));
export const gru = <Units extends number, Sequences extends boolean = false, State extends boolean = false>(
  units: Units,
  options?: classes.GRUOptions<Sequences, State>,
): Shaped<classes.GRU, rules.Recurrent<Units, Sequences, State, readonly [0]>> =>
  shaped(new classes.GRU(units, options));

export const simpleRnnCell = (units: number, options?: classes.SimpleRNNCellOptions): classes.SimpleRNNCell =>
  new classes.SimpleRNNCell(units, options);
export const lstmCell = (units: number, options?: classes.LSTMCellOptions): classes.LSTMCell =>
  new classes.LSTMCell(units, options);
export const gruCell = (units: number, options?: classes.GRUCellOptions): classes.GRUCell =>
  new classes.GRUCell(units, options);
export const stackedRnnCells = (cells: readonly classes.Cell[], options?: LayerOptions): classes.StackedRNNCells =>
  new classes.StackedRNNCells(cells, options);

export const bidirectional = <L extends classes.RecurrentPattern, Mode extends rules.MergeMode = "concat">(
  layer: L,
  options?: classes.BidirectionalOptions & { readonly mergeMode?: Mode | undefined },
): Shaped<classes.Bidirectional, rules.Bidirectional<RuleOf<L>, Mode>> =>
  shaped(new classes.Bidirectional(layer, options));
export const timeDistributed = <L extends AnyLayer>(
  layer: L,
  options?: LayerOptions,
): Shaped<classes.TimeDistributed, core.TimeDistributed<RuleOf<L>>> =>
  shaped(new classes.TimeDistributed(layer, options));
