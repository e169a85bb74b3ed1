import { installConfigOf, instanceLine, metaOf } from './instance.ts'
import type { ExportFormat } from './types.ts'

/** NeMo Gym's JSON Lines for its agent that works on SWE-bench instances: the instance whole, as JSON in a string. */
export const nemoGym: ExportFormat = {
  name: 'nemo-gym',
  title: 'NeMo Gym JSON Lines',
  makes: 'lines',
  line: (task) => {
    const instance = instanceLine(task)
    return {
      responses_create_params: {
        input: [],
        metadata: {
          instance_id: instance.instance_id,
          base_commit: instance.base_commit,
          dataset_name: 'quarry',
          split: 'train',
          problem_statement: instance.problem_statement,
          golden_patch: instance.patch,
          instance_dict: JSON.stringify({
            ...instance,
            language: task.language,
            install_config: installConfigOf(task),
            meta: metaOf(task),
          }),
        },
      },
      agent_ref: { type: 'responses_api_agents', name: 'swe_agents' },
    }
  },
}
