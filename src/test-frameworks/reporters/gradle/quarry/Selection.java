package quarry;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.gradle.api.Project;
import org.gradle.api.Task;
import org.gradle.api.execution.TaskExecutionGraph;
import org.gradle.api.tasks.testing.Test;

/** Which test tasks are wanted: those of the modules that hold these folders, or of all. */
final class Selection {
  static final String TASK = "quarryTests";

  private final Path root;
  private final Set<String> modules;
  /** Sets of test sources beside the usual one that are wanted, too: their tasks are called the same. */
  private final Set<String> sets;
  private final Set<Task> chosen = new LinkedHashSet<>();

  Selection(Path root, Set<String> modules, Set<String> sets) {
    this.root = root;
    this.modules = modules;
    this.sets = sets;
  }

  void addTask(Project rootProject) {
    Set<Project> wanted = new LinkedHashSet<>();
    for (String module : modules) {
      Project project = projectOf(root.resolve(module).normalize(), rootProject.getAllprojects());
      if (project != null) wanted.add(project);
    }
    for (Project project : wanted) chosen.addAll(testsOf(project));
    // Modules without tests of their own: what uses them tests them.
    if (chosen.isEmpty()) for (Project project : rootProject.getAllprojects()) chosen.addAll(testsOf(project));
    rootProject.getTasks().create(TASK).dependsOn(chosen.toArray());
  }

  /** A task that a wanted one leads to, but that nobody wants. Who names tasks of their own gets those. */
  boolean leavesOut(Task task, TaskExecutionGraph graph) {
    return graph.hasTask(":" + TASK) && !chosen.contains(task);
  }

  /** The project whose folder is nearest above. */
  private static Project projectOf(Path folder, Collection<Project> projects) {
    Project found = null;
    for (Project project : projects) {
      Path own = project.getProjectDir().toPath().toAbsolutePath().normalize();
      if (folder.startsWith(own) && (found == null || own.getNameCount() > found.getProjectDir().toPath().toAbsolutePath().normalize().getNameCount()))
        found = project;
    }
    return found;
  }

  private List<Test> testsOf(Project project) {
    Collection<Test> all = project.getTasks().withType(Test.class);
    List<Test> usual = new ArrayList<>();
    for (Test task : all) if (task.getName().matches("test|jvmTest") || sets.contains(task.getName())) usual.add(task);
    return usual.isEmpty() ? new ArrayList<>(all) : usual;
  }
}
