/** The environment variables that a program needs to run, without any setting of the product. */
export function programEnvironment(): NodeJS.ProcessEnv {
  const { PATH, HOME, PROGRAM_FOLDER } = process.env;
  return { NODE_ENV: "test", PATH, HOME, PROGRAM_FOLDER };
}
