export { Bidirectional, type BidirectionalOptions, type Pattern as RecurrentPattern } from "./bidirectional.ts";
export { Cell, type Step } from "./cell.ts";
export { GRUCell, type GRUCellOptions } from "./gruCell.ts";
export { LSTMCell, type LSTMCellOptions } from "./lstmCell.ts";
export { Recurrent, type RecurrentInput } from "./recurrent.ts";
export {
  GRU,
  type GRUOptions,
  LSTM,
  type LSTMOptions,
  RNN,
  type RNNOptions,
  SimpleRNN,
  type SimpleRNNOptions,
} from "./rnn.ts";
export { SimpleRNNCell, type SimpleRNNCellOptions } from "./simpleRnnCell.ts";
export { StackedRNNCells } from "./stackedCells.ts";
export { TimeDistributed } from "./timeDistributed.ts";
