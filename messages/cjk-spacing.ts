/** Adds the space that Chinese typography puts between a number and the following character: `7 小时后`, `966.5 万`. */
export function withCjkSpaces(text: string): string {
  return text.replace(/(\d)(?=\p{Script=Han})/gu, "$1 ");
}

/** Removes the space between a large number's unit and the measure word: `966.5 万行`. */
export function withoutUnitSpace(text: string): string {
  return text.replace(/([万亿]) +(?=\p{Script=Han})/gu, "$1");
}
