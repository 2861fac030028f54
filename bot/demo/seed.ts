import type { Services } from '../../handlers/kernel/services.ts'

export async function seedSampleData(_services: Services): Promise<void> {}
