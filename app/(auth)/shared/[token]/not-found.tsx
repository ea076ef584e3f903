import { Messages } from "@/app/messages";
import { LinkEndedPage } from "@/components/exports/sharing/link-ended-page";

export default function NotFound() {
  return (
    <Messages of="(auth)/shared/[token]/not-found">
      <LinkEndedPage />
    </Messages>
  );
}
