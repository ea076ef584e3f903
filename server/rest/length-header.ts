/** Carries the length of a file from its route to our server, which makes it the Content-Length. */
export const LENGTH_HEADER = "X-File-Length";
