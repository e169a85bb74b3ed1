import { keepsItsPromises } from './promises.ts'
import {
  ava,
  borp,
  jasmine,
  jest,
  machines,
  minitest,
  mocha,
  nodeTest,
  rspec,
  specimen,
  tap,
  tape,
  testUnit,
  vitest,
} from './specimens.ts'

// One old and one new major each, as the repositories of the last ten years have them; test/soak has more of them.
const specimens = [
  specimen(mocha, '6'),
  specimen(mocha, '11'),
  specimen(tape, '4'),
  specimen(tape, '5'),
  specimen(ava, '3'),
  specimen(ava, '6'),
  specimen(jest, '26'),
  specimen(jest, '30'),
  specimen(vitest, '1'),
  specimen(vitest, '4'),
  specimen(jasmine, '3'),
  specimen(jasmine, '5'),
  specimen(tap, '15'),
  specimen(tap, '21'),
  specimen(borp, '0.10'),
  specimen(borp, '1'),
  specimen(nodeTest, '18', 18),
  specimen(nodeTest, '24'),
  machines(minitest, 'ruby'),
  machines(rspec, 'rspec'),
  machines(testUnit, 'ruby'),
]

for (const one of specimens) keepsItsPromises(one)
