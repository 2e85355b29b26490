// A studio server in a process of its own, which a test may kill: `server.child.js RUNS PORT TOKEN`. Tells its link by a message.
import { startServer } from "@chainrule/studio";

const [runs = "runs", port = "0", token = ""] = process.argv.slice(2);
const server = await startServer({ runs, port: Number(port), token });
process.send?.({ link: server.link, port: server.port });
