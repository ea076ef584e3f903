import { runMain } from "@/server/process/run-main";
import { benchCleanup } from "./cleanup";
import { benchColumns } from "./columns";
import { benchExplore } from "./explore";
import { benchExport } from "./export";
import { benchFormats } from "./formats";
import { benchGeolocation } from "./geolocation";
import { benchIntake } from "./intake";
import { benchMonitoring } from "./monitoring";
import { benchMovingIn } from "./moving-in";
import { benchOverview } from "./overview";
import { benchPageLoad } from "./page-load";
import { benchPages } from "./pages";
import { benchPagesPooler } from "./pages-pooler";
import { benchQueue } from "./queue";
import { benchUpgrade } from "./upgrade";

const benches: Readonly<Record<string, () => Promise<void>>> = {
  cleanup: benchCleanup,
  columns: benchColumns,
  explore: benchExplore,
  formats: benchFormats,
  geolocation: benchGeolocation,
  intake: benchIntake,
  monitoring: benchMonitoring,
  "moving-in": benchMovingIn,
  overview: benchOverview,
  "page-load": benchPageLoad,
  pages: benchPages,
  "pages-pooler": benchPagesPooler,
  queue: benchQueue,
  export: benchExport,
  upgrade: benchUpgrade,
};

await runMain(async () => {
  const name = process.argv[2] ?? "";
  const bench = benches[name];
  if (!bench) {
    process.stderr.write(`Usage: npm run bench -- NAME, with NAME one of ${Object.keys(benches).join(", ")}\n`);
    return 2;
  }
  await bench();
  return 0;
});
