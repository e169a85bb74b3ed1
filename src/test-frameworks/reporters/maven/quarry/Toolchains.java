package quarry;

import org.apache.maven.model.Plugin;
import org.apache.maven.model.PluginExecution;
import org.apache.maven.project.MavenProject;
import org.codehaus.plexus.util.xml.Xpp3Dom;

/** Another kit than the one that was chosen is not to be had: what asks for one uses that. */
final class Toolchains {
  private Toolchains() {}

  static void removeFrom(MavenProject project) {
    for (Plugin plugin : project.getBuild().getPlugins()) {
      removeFrom(plugin.getConfiguration());
      for (PluginExecution execution : plugin.getExecutions()) removeFrom(execution.getConfiguration());
    }
  }

  private static void removeFrom(Object configuration) {
    if (!(configuration instanceof Xpp3Dom)) return;
    Xpp3Dom settings = (Xpp3Dom) configuration;
    for (int at = settings.getChildCount() - 1; at >= 0; at -= 1)
      if (settings.getChild(at).getName().equals("jdkToolchain")) settings.removeChild(at);
  }
}
