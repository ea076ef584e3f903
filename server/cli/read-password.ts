import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { StartError } from "@/server/process/start-error";

/**
 * Reads a password from the first line of standard input. On a terminal, it is entered twice without echo.
 * @throws StartError if no password is entered or the two entries differ
 */
export async function readPassword(): Promise<string> {
  const isTerminal = process.stdin.isTTY === true;
  const unseen = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: unseen, terminal: isTerminal });
  const typed = lines[Symbol.asyncIterator]();
  const ask = async (words: string): Promise<string> => {
    if (isTerminal) process.stderr.write(words);
    const { value } = await typed.next();
    if (isTerminal) process.stderr.write("\n");
    return value ?? "";
  };
  try {
    const password = await ask("Password: ");
    if (password === "") throw new StartError("There is no password on standard input.");
    if (isTerminal && (await ask("Again: ")) !== password) throw new StartError("The two are not the same.");
    return password;
  } finally {
    lines.close();
  }
}
