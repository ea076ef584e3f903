import { getContext } from "@/server/process/context";
import { bounded } from "@/server/rest";
import { handleAuth } from "@/server/services/accounts";

const handler = bounded((request) => handleAuth(getContext(), request));

export { handler as GET, handler as POST };
