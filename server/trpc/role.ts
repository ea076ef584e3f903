import { z } from "zod";

export const role = z.enum(["viewer", "operator", "admin"]);
