/** Words of which the server and the interface have one list: said with values, and told apart again by what was said. */
export interface Phrases<K extends string> {
  /** @param values what stands in place of each `{…}` */
  say: (key: K, values?: PhraseValues) => string;
  /** The phrase and the values behind a text; undefined for other words. */
  read: (text: string) => { readonly key: K; readonly values: Readonly<Record<string, string>> } | undefined;
}

export type PhraseValues = Readonly<Record<string, string | number>>;

/** @param value the regular expression of what a `{…}` may stand for */
export function phrasesOf<K extends string>(words: Readonly<Record<K, string>>, value = ".+"): Phrases<K> {
  const patterns = (Object.keys(words) as K[]).map((key) => {
    const literal = words[key].replace(/[.*+?^$()|[\]\\]/g, "\\$&");
    const named = new Set<string>();
    const source = literal.replace(/\{(\w+)\}/g, (_, name: string) => {
      if (named.has(name)) return `\\k<${name}>`;
      named.add(name);
      return `(?<${name}>${value})`;
    });
    return { key, pattern: new RegExp(`^${source}$`) };
  });
  return {
    say: (key, values = {}) => words[key].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name])),
    read: (text) => {
      for (const { key, pattern } of patterns) {
        const match = pattern.exec(text);
        if (match) return { key, values: { ...match.groups } };
      }
      return undefined;
    },
  };
}
