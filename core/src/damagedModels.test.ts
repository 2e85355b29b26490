import { ofModels, testReaders } from "./damagedRun.test.body.ts";

testReaders(ofModels);
