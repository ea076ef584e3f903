export { createApiKey, listApiKeys, revokeApiKey } from "./api-keys";
export { handleAuth } from "./auth";
export { authenticate } from "./authenticate";
export { forgetExpired } from "./housekeeping";
export { PERMISSIONS, type Permission, requirePermission } from "./permissions";
export { requireSameOrigin } from "./same-origin";
export { createUser, ensureFirstAdmin } from "./users";
