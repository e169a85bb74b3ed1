package quarry;

import groovy.lang.Closure;
import groovy.lang.GroovyObjectSupport;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.gradle.api.Plugin;
import org.gradle.api.plugins.ExtensionAware;

/**
 * Stands in for plugins that publish, phone home or look for kits: they are on portals that an install does not reach, and no test needs what they
 * do. Scripts may configure them as they like.
 */
public abstract class Idle implements Plugin<Object> {
  /** Which plugins: `META-INF/gradle-plugins` says what stands in for each. */
  static final Set<String> IDS =
      new HashSet<>(
          Arrays.asList(
              "com.gradle.enterprise", "com.gradle.develocity", "com.gradle.build-scan",
              "com.gradle.common-custom-user-data-gradle-plugin", "org.gradle.toolchains.foojay-resolver-convention",
              "me.champeau.gradle.javadoc-hotfix", "com.jfrog.bintray"));
  /** The modules that scripts name for these. */
  static final Set<String> MODULES =
      new HashSet<>(
          Arrays.asList(
              "com.gradle:gradle-enterprise-gradle-plugin", "com.gradle:develocity-gradle-plugin", "com.gradle:build-scan-plugin",
              "com.gradle:common-custom-user-data-gradle-plugin", "org.gradle.toolchains:foojay-resolver",
              "me.champeau.gradle:gradle-javadoc-hotfix-plugin", "com.jfrog.bintray.gradle:gradle-bintray-plugin"));

  private final String block;

  /** `block`: what scripts configure the plugin in; null: nothing. */
  private Idle(String block) {
    this.block = block;
  }

  @Override
  public void apply(Object target) {
    if (block != null && target instanceof ExtensionAware) ((ExtensionAware) target).getExtensions().add(block, new Anything());
  }

  public static final class Enterprise extends Idle {
    public Enterprise() {
      super("gradleEnterprise");
    }
  }

  public static final class Develocity extends Idle {
    public Develocity() {
      super("develocity");
    }
  }

  public static final class BuildScan extends Idle {
    public BuildScan() {
      super("buildScan");
    }
  }

  public static final class Bintray extends Idle {
    public Bintray() {
      super("bintray");
    }
  }

  public static final class Silent extends Idle {
    public Silent() {
      super(null);
    }
  }

  /** Has every property and method, and nothing comes of them. */
  public static final class Anything extends GroovyObjectSupport {
    @Override
    public Object getProperty(String name) {
      return this;
    }

    @Override
    public void setProperty(String name, Object value) {}

    @Override
    public Object invokeMethod(String name, Object given) {
      Object[] words = given instanceof Object[] ? (Object[]) given : new Object[] {given};
      Object last = words.length == 0 ? null : words[words.length - 1];
      if (last instanceof Closure) run((Closure<?>) last);
      return this;
    }

    private void run(Closure<?> block) {
      Closure<?> own = (Closure<?>) block.clone();
      own.setDelegate(this);
      own.setResolveStrategy(Closure.DELEGATE_FIRST);
      own.call(Arrays.copyOf(new Object[] {this}, Math.min(1, own.getMaximumNumberOfParameters())));
    }
  }
}
