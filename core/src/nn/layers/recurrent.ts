import type { AnyLayer, LayerOptions } from "../layer.ts";
import * as classes from "../recurrent/index.ts";
import type * as core from "../rules/core.ts";
import type { RuleOf, Shaped } from "../rules/rule.ts";
import type * as rules from "../rules/sequences.ts";
import { shaped } from "../rules/shaped.ts";

/** Repeats a cell over time: [batch, time, ...features] → the cell's output. */
export const rnn = <Sequences extends boolean = false, State extends boolean = false>(
  cell: classes.Cell,
  options?: classes.RNNOptions<Sequences, State>,
): Shaped<classes.RNN, rules.Recurrent<number, Sequences, State, readonly unknown[]>> =>
  shaped(new classes.RNN(cell, options));
/** A fully connected recurrent layer: see SimpleRNNCell. */
export const simpleRnn = <Units extends number, Sequences extends boolean = false, State extends boolean = false>(
  units: Units,
  options?: classes.SimpleRNNOptions<Sequences, State>,
): Shaped<classes.SimpleRNN, rules.Recurrent<Units, Sequences, State, readonly [0]>> =>
  shaped(new classes.SimpleRNN(units, options));
/** Long short-term memory: see LSTMCell. */
export const lstm = <Units extends number, Sequences extends boolean = false, State extends boolean = false>(
  units: Units,
  options?: classes.LSTMOptions<Sequences, State>,
): Shaped<classes.LSTM, rules.Recurrent<Units, Sequences, State, readonly [0, 0]>> =>
  shaped(new classes.LSTM(units, options));
/** Gated recurrent units: see GRUCell. */
export const gru = <Units extends number, Sequences extends boolean = false, State extends boolean = false>(
  units: Units,
  options?: classes.GRUOptions<Sequences, State>,
): Shaped<classes.GRU, rules.Recurrent<Units, Sequences, State, readonly [0]>> =>
  shaped(new classes.GRU(units, options));

/** h′ = activation(x·kernel + h·recurrentKernel + bias) (Elman 1990). */
export const simpleRnnCell = (units: number, options?: classes.SimpleRNNCellOptions): classes.SimpleRNNCell =>
  new classes.SimpleRNNCell(units, options);
/**
 * Input gate i, forget gate f, candidate c̃ and output gate o, in this order in the kernels, from x·kernel +
 * h·recurrentKernel + bias; c′ = f·c + i·c̃, h′ = o·activation(c′). States: [h, c]. (Hochreiter & Schmidhuber 1997; Gers
 * et al. 2000.)
 */
export const lstmCell = (units: number, options?: classes.LSTMCellOptions): classes.LSTMCell =>
  new classes.LSTMCell(units, options);
/**
 * Update gate z, reset gate r and candidate h̃, in this order in the kernels; h′ = z·h + (1 − z)·h̃ (Cho et al. 2014). With
 * `resetAfter` the bias has two rows, for the input and for the state.
 */
export const gruCell = (units: number, options?: classes.GRUCellOptions): classes.GRUCell =>
  new classes.GRUCell(units, options);
/** Several cells as one: each takes the output of the one before. States: those of all cells, in order. */
export const stackedRnnCells = (cells: readonly classes.Cell[], options?: LayerOptions): classes.StackedRNNCells =>
  new classes.StackedRNNCells(cells, options);

/**
 * A recurrent layer that reads the sequence forwards, and another that reads it backwards (Schuster & Paliwal 1997). With
 * `returnState` the states follow, first those of the forward layer; initial states are given in the same order.
 */
export const bidirectional = <L extends classes.RecurrentPattern, Mode extends rules.MergeMode = "concat">(
  layer: L,
  options?: classes.BidirectionalOptions & { readonly mergeMode?: Mode | undefined },
): Shaped<classes.Bidirectional, rules.Bidirectional<RuleOf<L>, Mode>> =>
  shaped(new classes.Bidirectional(layer, options));
/** Applies a layer to every step alike: [batch, time, ...] → [batch, time, ...what the layer gives]. */
export const timeDistributed = <L extends AnyLayer>(
  layer: L,
  options?: LayerOptions,
): Shaped<classes.TimeDistributed, core.TimeDistributed<RuleOf<L>>> =>
  shaped(new classes.TimeDistributed(layer, options));
