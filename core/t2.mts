import { main } from "/work/main/core/src/cli/main.ts";
process.exitCode = await main(process.argv.slice(2));
