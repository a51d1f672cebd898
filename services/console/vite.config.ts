import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [react()],
  build: {
    target: "es2022",
    modulePreload: { polyfill: false },
    // Everything stays a file of its own: the Content-Security-Policy lets nothing inline be read but pictures.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
    // What every page needs is one file: in many, as later parts share some of it, it compresses worse.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: "first", tags: ["$initial"] }] } } },
  },
  // `vite dev` shows the pages of the sources with the product that runs beside it.
  server: { port: 5173, proxy: { "/api": "http://127.0.0.1:8080" } },
});
