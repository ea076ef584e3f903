import { StartError } from "./start-error";

/** The variables that contain the address to listen on, for messages. */
interface ListenVariables {
  readonly port: string;
  readonly host: string;
}

/** Converts an error of `Server.listen` into a line for the user. Other errors are unchanged. */
export function explainListenError(error: Error, port: number, host: string, names: ListenVariables): Error {
  const code = "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE") {
    return new StartError(
      `Port ${port} on ${host} is in use. Stop the other program, or set ${names.port} to another port.`,
    );
  }
  if (code === "EACCES") {
    return new StartError(
      `This user has no permission to listen on ${host}:${port}. Set ${names.port} to 1024 or above.`,
    );
  }
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND") {
    return new StartError(`${names.host} is "${host}", which is not an address of this machine.`);
  }
  return error;
}
