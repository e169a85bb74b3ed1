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
  oldest,
  rspec,
  specimen,
  tap,
  tape,
  testUnit,
  vitest,
} from './specimens.ts'

const newest = [
  specimen(mocha, '11'),
  specimen(tape, '5'),
  specimen(ava, '6'),
  specimen(jest, '30'),
  specimen(vitest, '4'),
  specimen(jasmine, '5'),
  specimen(tap, '21'),
  specimen(borp, '1'),
  specimen(nodeTest, '24'),
  machines(minitest, 'ruby'),
  machines(rspec, 'rspec'),
  machines(testUnit, 'ruby'),
]
for (const one of newest) keepsItsPromises(one)
// What repositories of the last ten years have: that their reporters still work with it. test/soak holds these, and more, to the rest.
for (const one of oldest) keepsItsPromises(one, 'tellsAll')
