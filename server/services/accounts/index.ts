export { createApiKey, listApiKeys, revokeApiKey } from "./api-keys";
export { countAttempt } from "./attempts";
export { handleAuth } from "./auth";
export { authenticate, authenticateCollector } from "./authenticate";
export { changePassword } from "./change-password";
export { deleteExpired } from "./housekeeping";
export {
  changeExpiry,
  changeRole,
  deleteUser,
  disableUser,
  enableUser,
  findUserId,
  listUsers,
  replacePassword,
  resetPassword,
} from "./manage-users";
export {
  BROWSE_PERMISSIONS,
  describePrincipal,
  isPermitted,
  NOT_BY_KEY,
  PAGES,
  type Page,
  PERMISSIONS,
  type Permission,
  requirePermission,
} from "./permissions";
export { requestOrigin } from "./request-origin";
export { requireSameOrigin } from "./same-origin";
export { endOtherSessions, endSession, listSessions } from "./sessions";
export { createUser, ensureFirstAdmin, inviteUser } from "./users";
