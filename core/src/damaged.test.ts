import { readers } from "./damagedReaders.test.body.ts";
import { ofModels, testReaders } from "./damagedRun.test.body.ts";

testReaders(Object.keys(readers).filter((name) => !ofModels.includes(name)));
