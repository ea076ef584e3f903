/** The reason why a password link cannot be used. */
type LinkProblem = { outcome: "not_valid" } | { outcome: "refused" } | { outcome: "unreachable" };

/** Returns the email of the user whose password the link sets. Never throws. */
export async function findLinkOwner(token: string): Promise<{ outcome: "found"; email: string } | LinkProblem> {
  const answer = await post("look", { token });
  return "email" in answer ? { outcome: "found", email: answer.email } : answer;
}

/** Sets the password and invalidates the link. Never throws. */
export async function applyLink(token: string, password: string): Promise<{ outcome: "done" } | LinkProblem> {
  const answer = await post("use", { token, password });
  return "email" in answer ? { outcome: "done" } : answer;
}

async function post(what: "look" | "use", body: object): Promise<{ email: string } | LinkProblem> {
  const response = await fetch(`/api/auth/password-link/${what}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  }).catch(() => null);
  if (response?.ok) {
    // A proxy may answer with a page of its own.
    const answer: { email: string } | null = await response.json().catch(() => null);
    return answer ?? { outcome: "unreachable" };
  }
  if (response?.status === 404 || response?.status === 400) return { outcome: "not_valid" };
  return { outcome: response?.status === 422 ? "refused" : "unreachable" };
}
