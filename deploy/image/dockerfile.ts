export interface Instruction {
  readonly name: string;
  /** The rest of the line; continued lines are joined. */
  readonly text: string;
}

export interface Stage {
  readonly image: string;
  readonly name: string | undefined;
  readonly instructions: readonly Instruction[];
}

/** Parses the stages of a Dockerfile. Does not support heredocs, parser directives and variables. */
export function parseDockerfile(text: string): Stage[] {
  const lines = text.split("\n").filter((line) => !/^\s*(#|$)/.test(line));
  const stages: { image: string; name: string | undefined; instructions: Instruction[] }[] = [];
  for (const line of lines
    .join("\n")
    .replaceAll(/\\\n\s*/g, "")
    .split("\n")) {
    const [, name = "", rest = ""] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
    if (name === "") throw new Error(`Not an instruction: ${line}`);
    if (name === "FROM") {
      const [, image = "", stage] = /^(\S+)(?:\s+AS\s+(\S+))?$/.exec(rest) ?? [];
      stages.push({ image, name: stage, instructions: [] });
    } else {
      const stage = stages.at(-1);
      if (!stage) throw new Error(`${name} is before FROM.`);
      stage.instructions.push({ name, text: rest });
    }
  }
  return stages;
}

/** Returns the text of the stage's last instruction of that name. @throws Error without one */
export function lastOf(stage: Stage, name: string): string {
  const found = stage.instructions.findLast((instruction) => instruction.name === name);
  if (!found) throw new Error(`The stage has no ${name}.`);
  return found.text;
}

/** Returns all ENV variables of the stage, written as NAME=VALUE without quotes. */
export function variablesOf(stage: Stage): Record<string, string> {
  const pairs = stage.instructions.filter(({ name }) => name === "ENV").flatMap(({ text }) => text.split(/\s+/));
  return Object.fromEntries(pairs.map((pair) => pair.split("=", 2)));
}

/** Parses the exec form, ["program", "argument"]. */
export function parseCommand(text: string): string[] {
  const parsed: unknown = JSON.parse(text.slice(text.indexOf("[")));
  if (!Array.isArray(parsed)) throw new Error(`Not in exec form: ${text}`);
  return parsed.map(String);
}
