import { InvalidArgumentError, Option } from "commander";

export function roleOption(): Option {
  return new Option("--role <role>", "role").choices(["admin", "operator", "viewer"]).makeOptionMandatory();
}

/** Parses a whole number from `min`; anything else is wrong usage. */
export function wholeNumber(min: number, max: number) {
  return (text: string): number => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Must be a whole number from ${min} to ${max}.`);
  };
}
