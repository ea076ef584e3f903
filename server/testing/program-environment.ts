/** Of this process's environment what a program of ours needs to run, and no setting of the product. */
export function programEnvironment(): NodeJS.ProcessEnv {
  const { PATH, HOME, PROGRAM_FOLDER } = process.env;
  return { NODE_ENV: "test", PATH, HOME, PROGRAM_FOLDER };
}
