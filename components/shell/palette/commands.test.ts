import { expect, it } from "vitest";
import { type Command, matchingCommands } from "./commands";

const command = (label: string, words?: string): Command => ({ id: label, group: "pages", label, words, to: "/" });
const COMMANDS = [command("User activities"), command("Activity by user"), command("Users"), command("Queues", "队列")];
const found = (text: string) => matchingCommands(COMMANDS, text, 10).map(({ label }) => label);

it("A command is found by any of its words, those that start with the text first", () => {
  expect(found("user")).toEqual(["User activities", "Users", "Activity by user"]);
  expect(found("act user")).toEqual(["User activities", "Activity by user"]);
  expect(found("队列")).toEqual(["Queues"]);
  expect(found("nothing")).toEqual([]);
  expect(found("")).toHaveLength(4);
});
