export { maskPhone } from './mask.ts'
export { canSee, FINANCE_ROLE, RESOURCES, type Resource, scopeFilter, scopeOf, type Viewer } from './scope.ts'
