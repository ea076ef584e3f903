import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { StartError } from "@/server/process/start-error";

/**
 * Reads a password from the first line of standard input. On a terminal, it is entered twice without echo.
 * @throws StartError if no password is entered or the two entries differ
 */
export async function readPassword(): Promise<string> {
  const isTerminal = process.stdin.isTTY === true;
  const discard = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: discard, terminal: isTerminal });
  const typed = lines[Symbol.asyncIterator]();
  const prompt = async (text: string): Promise<string> => {
    if (isTerminal) process.stderr.write(text);
    const { value } = await typed.next();
    if (isTerminal) process.stderr.write("\n");
    return value ?? "";
  };
  try {
    const password = await prompt("Password: ");
    if (password === "") throw new StartError("Standard input contains no password.");
    if (isTerminal && (await prompt("Repeat password: ")) !== password)
      throw new StartError("The passwords do not match.");
    return password;
  } finally {
    lines.close();
  }
}
