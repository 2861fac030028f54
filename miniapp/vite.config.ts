import { fileURLToPath } from 'node:url'
import { VantResolver } from '@vant/auto-import-resolver'
import vue from '@vitejs/plugin-vue'
import Components from 'unplugin-vue-components/vite'
import { defineConfig, type Plugin } from 'vite'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** Vant inlines a 25 KB (gzip) icon font that every popup drags in; our icons are SVG, so its sheet is left out. */
function withoutVantIconFont(): Plugin {
  return {
    name: 'kelian:without-vant-icon-font',
    enforce: 'pre',
    load: id => (/vant\/es\/icon\/index\.css/.test(id) ? '.van-icon{display:inline-block;line-height:1}' : null),
  }
}

const SHARED = /miniapp\/src\/(kernel|ui|styles)\/|common\/time|vant\/es\/(pull-refresh|loading|utils|composables)/

/** Shared parts that only forms and sheets need; everything else that screens share comes with the first of them. */
const ON_DEMAND = new RegExp(
  'src/ui/(FormField|BottomSheet|PhoneInput|AmountInput|PersonSearch|PeoplePicker|FieldEntry|RouteSteps|DraftNote|CreateSheet|ConfirmSheet|PickButton|use-sheet)' +
    '|src/kernel/(use-form|use-chat-draft|form-rules|field-values|typing|copy-text|dates)' +
    '|common/(money|phone)|vant/es/(popup|overlay)/',
)

/** `index.html` is served at `/m/`, `admin.html` at `/admin/`; both load their assets from `/m/assets/`. */
export default defineConfig({
  root: at('.'),
  base: '/m/',
  plugins: [withoutVantIconFont(), vue(), Components({ dirs: [], dts: false, resolvers: [VantResolver()] })],
  define: { __VUE_OPTIONS_API__: 'false' },
  build: {
    target: ['chrome87', 'safari14'],
    outDir: at('../dist/miniapp'),
    emptyOutDir: true,
    rolldownOptions: {
      input: { index: at('index.html'), admin: at('admin.html') },
      output: {
        codeSplitting: {
          groups: [
            { name: 'frame', test: /node_modules\/(@vue|vue|vue-router)\/|plugin-vue/, priority: 3 },
            { name: 'kit', test: id => SHARED.test(id) && !ON_DEMAND.test(id), priority: 2 },
            { name: 'forms', test: id => ON_DEMAND.test(id), priority: 1 },
          ],
        },
      },
    },
  },
})
