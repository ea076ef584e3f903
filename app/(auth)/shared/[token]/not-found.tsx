import { LinkEndedPage } from "@/components/exports/sharing/link-ended-page";

export default LinkEndedPage;
