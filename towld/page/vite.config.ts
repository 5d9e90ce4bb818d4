import { defineConfig } from "vite";

// While developing, `npm run dev` serves the page and asks a collector for everything else: TOWL_HTTP=127.0.0.1:3037.
const collector = `http://${process.env.TOWL_HTTP ?? "127.0.0.1:3037"}`;
const paths = ["/query", "/files", "/tail", "/entry", "/metrics", "/healthz", "/readyz"];

export default defineConfig({
  build: { target: "es2022", outDir: "build", modulePreload: false, cssCodeSplit: false, assetsInlineLimit: 0, reportCompressedSize: false },
  server: { proxy: Object.fromEntries(paths.map((path) => [path, collector])) },
});
