import { getContext } from "@/server/context";
import { handleAuth } from "@/server/services/accounts";

const handler = (request: Request) => handleAuth(getContext(), request);

export { handler as GET, handler as POST };
