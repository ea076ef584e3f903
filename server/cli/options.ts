import { InvalidArgumentError, Option } from "commander";
import { ROLES } from "@/server/catalog/accounts";

export function roleOption(): Option {
  return new Option("--role <role>", "role").choices(ROLES).makeOptionMandatory();
}

/** Creates a parser for an integer option. A value out of range is a usage error. */
export function wholeNumber(min: number, max: number) {
  return (text: string): number => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Must be a whole number from ${min} to ${max}.`);
  };
}
