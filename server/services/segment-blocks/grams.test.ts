import fc from "fast-check";
import { expect, it } from "vitest";
import { caseVariants } from "@/server/lib/any-case";
import "@/server/testing/property-seed";
import { eachGram, gramsOfWord } from "./grams";

const character = fc.oneof(
  fc.constantFrom(...'abkisKIS019/-?="\\\n（）京民终号，éßſıİΣσςЖжＡａ😀'),
  fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
);
const text = fc.string({ unit: character, maxLength: 12 });
const word = fc.string({ unit: character, minLength: 1, maxLength: 30 });

function gramsOf(value: string): Set<number> {
  const grams = new Set<number>();
  eachGram(value, (gram) => grams.add(gram));
  return grams;
}

it("A text that contains a word in any case has its grams, also as a string of JSON", () => {
  fc.assert(
    fc.property(text, word, text, fc.infiniteStream(fc.nat(5)), (before, searched, after, choices) => {
      const written = [...searched].map((one) => {
        const variants = caseVariants(one);
        return variants[(choices.next().value ?? 0) % variants.length] ?? one;
      });
      const whole = before + written.join("") + after;
      for (const form of [whole, JSON.stringify(whole)]) {
        const grams = gramsOf(form);
        expect(gramsOfWord(searched).filter((gram) => !grams.has(gram))).toEqual([]);
      }
    }),
    { numRuns: 3_000 },
  );
});

it.each(["abc", "refund", "北", "北京", "（2024）京01民终123号", "Straße", "/api/v1", "жалоба", "kiss me"])(
  "%s has grams, which other texts lack",
  (searched) => {
    const grams = gramsOfWord(searched);
    const other = gramsOf("GET /cases/17?page=2 HTTP/1.1 Mozilla/5.0 南方");
    expect(grams.filter((gram) => !other.has(gram)).length).toBeGreaterThan(0);
  },
);

it("A long number is distinguished from texts with the same groups of digits", () => {
  const texts = gramsOf(Array.from({ length: 1_000 }, (_, index) => String(index).padStart(3, "0")).join(""));
  expect(gramsOfWord("7316492805").some((gram) => !texts.has(gram))).toBe(true);
});
