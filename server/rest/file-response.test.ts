import { expect, test } from "vitest";
import { contentDisposition } from "./file-response";

test.each([
  ["访问日志 2024.csv", "____ 2024.csv", "%E8%AE%BF%E9%97%AE%E6%97%A5%E5%BF%97%202024.csv"],
  ['a"b\\c%41.csv', "a_b_c_41.csv", "a%22b%5Cc%2541.csv"],
  ["it's (1)*.csv", "it's (1)*.csv", "it%27s%20%281%29%2A.csv"],
  ["x\r\nSet-Cookie: y", "x__Set-Cookie: y", "x%0D%0ASet-Cookie%3A%20y"],
])("a download named %j has a name that every client reads", (name, ascii, whole) => {
  expect(contentDisposition(name)).toBe(`attachment; filename="${ascii}"; filename*=UTF-8''${whole}`);
});
