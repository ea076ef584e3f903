import { redirect } from "next/navigation";
import { requireSignIn } from "./sign-in-gate";

export default async function HomePage() {
  await requireSignIn("/");
  redirect("/queues");
}
