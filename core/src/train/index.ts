export * from "./callbacks.ts";
export { type FitContext, type FitOptions, fit } from "./fit.ts";
export { Flight } from "./flight.ts";
export { checkSignal, demandPositive, evaluate, type Step, type Times, toBatch } from "./loop.ts";
export { type CompileOptions, type LossLike, type MetricLike, Objective } from "./objective.ts";
export { outputNames } from "./outputs.ts";
export { printDuration, printFigure, printLogs, progress, standardWriter, type Writer } from "./progress.ts";
export { type Batch, type StepResults, type Trainable, testStep, totalLoss, trainStep } from "./step.ts";
