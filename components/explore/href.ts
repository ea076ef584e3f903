import { DEFAULT_QUESTION, type ExploreQuestion, type ExploreView, normalized, writeExplore } from "./state";

/** The URL of the Explore page with a question; parts that are not given have their defaults. */
export function exploreHref(question: Partial<ExploreQuestion>, view: ExploreView = "auto"): string {
  return `/explore${writeExplore(normalized({ ...DEFAULT_QUESTION, ...question }), view)}`;
}
