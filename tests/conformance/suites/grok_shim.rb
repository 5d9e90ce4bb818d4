# Stands in for Logstash's grok when the specs of logstash-patterns-core run: patterns are matched by towld.
#
# TOWLD: the program; SUITE: the folder of the suite, whose pattern files are used with `patterns_file`.
require 'json'
require 'open3'
require 'rspec'
require 'tmpdir'

%w[logstash/devutils/rspec/spec_helper rspec/expectations logstash/filters/grok].each do |name|
  $LOADED_FEATURES << name unless name == 'rspec/expectations'
end
module Kernel
  alias require_before_conformance require
  def require(name)
    name.start_with?('logstash/') ? true : require_before_conformance(name)
  end
end

module LogStash
  module Environment
    LOGSTASH_HOME = ENV.fetch('SUITE')
  end

  class Event
    def initialize(fields)
      @fields = fields.merge('@version' => '1')
    end

    def to_hash
      @fields
    end
    alias to_hash_with_metadata to_hash

    def get(reference)
      reference = "[#{reference}]" unless reference.start_with?('[')
      reference.scan(/\[([^\]]+)\]/).flatten.reduce(@fields) { |at, name| at.is_a?(Hash) ? at[name] : nil }
    end

    def include?(name)
      !get(name).nil?
    end

    def set(reference, value)
      names = reference.start_with?('[') ? reference.scan(/\[([^\]]+)\]/).flatten : [reference]
      last = names.pop
      at = names.reduce(@fields) { |inner, name| inner[name].is_a?(Hash) ? inner[name] : (inner[name] = {}) }
      at[last] = at.key?(last) ? [at[last], value].flatten : value
    end
  end

  # `try` shows texts: a number is as good.
  class Value < String
    def ==(other)
      other.is_a?(Numeric) ? to_f == other.to_f && match?(/\A[-+.\d]/) : super
    end
  end

  module Filters
    class Grok
      PATTERNS = {}

      def initialize(options)
        @pattern = options['match'].last
        @mode = options['ecs_compatibility'] == :v1 ? 'ecs-v1' : 'legacy'
      end

      def register; end

      def filter(event)
        text = event.get('message')
        # Logstash passes over what is after a name: %{NAME - and some words}.
        fields = Grok.match(@mode, @pattern.gsub(/%\{(\w+) [^}]*\}/, '%{\\1}'), text)
        return event.set('tags', ['_grokparsefailure']) if fields.nil?

        taken = fields.delete('MESSAGE')
        event.set('message', taken) if taken && taken != text
        # A host is the sender, whatever its group was called.
        if (sender = fields.delete('sender'))
          event.set('[host][hostname]', sender) if @mode == 'ecs-v1'
          %w[host hostname logsource].each { |name| event.set(name, sender) unless event.include?(name) } if @mode == 'legacy'
        end
        fields.each { |name, value| event.set(name.split('.').map { |part| "[#{part}]" }.join, value) }
      end

      # All pattern files of the mode in one, but for the core's: towld has its own.
      def self.patterns(mode)
        PATTERNS[mode] ||= begin
          file = File.join(Dir.tmpdir, "towl-grok-#{Process.pid}-#{mode}")
          File.write(file, 
            (Dir[File.join(ENV.fetch('SUITE'), 'patterns', mode, '*')].sort - [File.join(ENV.fetch('SUITE'), 'patterns', mode, 'grok-patterns')]).map { |one| File.read(one) }.join("\n"))
          at_exit { File.delete(file) if File.exist?(file) }
          file
        end
      end

      # The named groups; nil: it does not match. Patterns of the core are towld's own; others are the suite's.
      def self.match(mode, pattern, text)
        Dir.mktmpdir do |folder|
          config = File.join(folder, 'c.yaml')
          named = '(?P<towl_all>)' # A pattern must name a field.
          write = lambda do |file|
            parser = { 'type' => 'grok', 'pattern' => pattern + named }
            parser['patterns_file'] = file if file
            File.write(config, JSON.generate('store' => { 'path' => folder + '/s' }, 'inputs' => [
              { 'name' => 'tried', 'type' => 'file', 'include' => ['none'],
                'parsers' => [parser] }]))
          end
          write.call(nil)
          out, err, status = Open3.capture3(ENV.fetch('TOWLD'), '--config', config, 'try', 'tried', stdin_data: text)
          unless status.success?
            write.call(patterns(mode))
            out, err, status = Open3.capture3(ENV.fetch('TOWLD'), '--config', config, 'try', 'tried', stdin_data: text)
          end
          raise "towld cannot compile #{pattern}: #{err.lines.last}" unless status.success?

          read(out)
        end
      end

      def self.read(out)
        out = out.dup.force_encoding('UTF-8')
        return nil if out.include?('grok: is not for this')

        fields = {}
        is_entry = false
        out.each_line do |line|
          if line.strip == '=> entry'
            is_entry = true
          elsif is_entry && (found = line.match(/\A\s+(?:\+ )?(\S[^:]*(?::[^:\s][^:]*)*): (.*)\Z/))
            name = found[1]
            value = begin JSON.parse("[#{found[2]}]")[0] rescue found[2] end
            fields[name] = Value.new(value.to_s)
          end
        end
        %w[towl_all PRIORITY time].each { |name| fields.delete(name) }
        fields
      end
    end
  end
end
