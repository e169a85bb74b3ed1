/**
 * The folder of the repository that holds what an install brings and the tools would keep elsewhere (a virtual environment, module
 * caches, a local repository), so that the layer has it. Its dot keeps Go, pytest and most other tools from looking for sources or tests in it, and a
 * snapshot's git does not see it.
 */
export const environmentFolder = '.quarry'
