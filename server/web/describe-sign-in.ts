import type { Config } from "@/server/config";

/** The first administrator's sign-in, to show once; a password that the user chose is not repeated. */
export function describeSignIn(signIn: { email: string; password: string }, config: Config): string {
  const password = config.adminPassword ? "the one in ADMIN_PASSWORD" : `${signIn.password}   (shown this once)`;
  return `\n  The first administrator\n    e-mail    ${signIn.email}\n    password  ${password}\n\n`;
}
