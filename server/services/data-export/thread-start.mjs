// A thread that begins with TypeScript is refused by Node.js 20, whatever loader its process has.
import { register } from "tsx/esm/api";

register();
await import("./thread.ts");
