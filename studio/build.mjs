// Builds the page into the Python package, or the tests into build/tests.
import { cpSync, globSync, mkdirSync, rmSync } from "node:fs";
import { build } from "esbuild";

const SITE = "../src/sketch2color/studio/site";
const shared = { bundle: true, format: "esm", target: "es2022", logLevel: "warning" };

if (process.argv.includes("--tests")) {
  rmSync("build/tests", { recursive: true, force: true });
  await build({ ...shared, entryPoints: globSync("test/**/*.test.ts"), outdir: "build/tests", platform: "node" });
} else {
  rmSync(SITE, { recursive: true, force: true });
  mkdirSync(SITE, { recursive: true });
  cpSync("node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.wasm", `${SITE}/ort-wasm-simd-threaded.wasm`);
  cpSync("node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.mjs", `${SITE}/ort-wasm-simd-threaded.mjs`);
  await build({
    ...shared,
    entryPoints: { page: "src/page/main.ts", worker: "src/worker/worker.ts" },
    outdir: SITE,
    minify: true,
  });
  cpSync("public", SITE, { recursive: true }); // last, so that index.html is there once all is
}
