export { type ApiKeySummary, createApiKey, listApiKeys, revokeApiKey } from "./api-keys";
export { createAuth, handleAuth } from "./auth";
export { authenticate } from "./authenticate";
export { isPermitted, PERMISSIONS, type Permission, requirePermission } from "./permissions";
export { isSameOrigin, requireSameOrigin } from "./same-origin";
export { createUser, ensureFirstAdmin } from "./users";
