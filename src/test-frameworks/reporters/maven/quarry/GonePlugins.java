package quarry;

import java.util.Iterator;
import java.util.regex.Pattern;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.model.Plugin;
import org.apache.maven.plugin.InvalidPluginDescriptorException;
import org.apache.maven.plugin.MavenPluginManager;
import org.apache.maven.plugin.PluginDescriptorParsingException;
import org.apache.maven.plugin.PluginResolutionException;
import org.apache.maven.project.MavenProject;

/**
 * Plugins that no repository has any more are left out of the models: what they do beside compiling and testing is seldom asked for by a test.
 * Maven's own always stay, and so does what extends Maven itself, which was loaded long before.
 */
final class GonePlugins {
  private static final Pattern GONE = Pattern.compile("Could not find artifact|was not found in|in offline mode and the artifact");

  private GonePlugins() {}

  static void removeFrom(MavenProject project, MavenPluginManager plugins, MavenSession session) {
    for (Iterator<Plugin> each = project.getBuild().getPlugins().iterator(); each.hasNext(); ) {
      Plugin plugin = each.next();
      if (!mayGo(plugin) || isThere(plugin, project, plugins, session)) continue;
      System.out.println("[WARNING] left out: no repository has the plugin " + plugin.getId());
      each.remove();
    }
    project.getBuild().flushPluginMap();
  }

  private static boolean mayGo(Plugin plugin) {
    return plugin.getVersion() != null
        && !plugin.getExecutions().isEmpty()
        && !plugin.isExtensions()
        && !plugin.getGroupId().equals("org.apache.maven.plugins");
  }

  private static boolean isThere(Plugin plugin, MavenProject project, MavenPluginManager plugins, MavenSession session) {
    try {
      plugins.getPluginDescriptor(plugin, project.getRemotePluginRepositories(), session.getRepositorySession());
      return true;
    } catch (PluginResolutionException unresolved) {
      return !isGone(unresolved);
    } catch (PluginDescriptorParsingException | InvalidPluginDescriptorException broken) {
      // Maven says what is wrong with it when it comes to that.
      return true;
    }
  }

  /** A repository that did not answer says nothing of what it has. Maven 3.9 keeps no cause but for debugging: its words have to do. */
  private static boolean isGone(PluginResolutionException unresolved) {
    String words = String.valueOf(unresolved.getMessage());
    return GONE.matcher(words).find() && !words.contains("Could not transfer");
  }
}
