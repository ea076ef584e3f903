export type SignInResult =
  | { outcome: "signed_in" }
  | { outcome: "wrong" }
  | { outcome: "too_many"; seconds: number }
  | { outcome: "unavailable" }
  | { outcome: "unreachable" };

/** Used if the server does not specify a delay. */
const USUAL_WAIT_SECONDS = 60;

/** Signs in with email and password; on success the session cookie is set. Never throws. */
export async function signIn(email: string, password: string): Promise<SignInResult> {
  const response = await fetch("/api/auth/sign-in/email", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ email, password }),
  }).catch(() => null);
  if (!response) return { outcome: "unreachable" };
  if (response.ok) return { outcome: "signed_in" };
  if (response.status === 429) {
    return { outcome: "too_many", seconds: Number(response.headers.get("retry-after")) || USUAL_WAIT_SECONDS };
  }
  if (response.status >= 500) return { outcome: response.status === 502 ? "unreachable" : "unavailable" };
  return { outcome: "wrong" };
}
