// The main job: 10,000 handwritten digits, learned from random weights, tested, drawn and saved.
// `npm run digits -- --predict` loads the saved model in a new process and predicts the same bits.
import { main } from "chainrule/cli";

process.exitCode = await main(["train", "digits", ...process.argv.slice(2)], { save: "digits.safetensors" });
